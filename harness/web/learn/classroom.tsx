/** What every part of the page needs: what is known, whom to ask, and what has been done. */
import { type ComponentChildren, type ComponentType, createContext } from "preact";
import { useCallback, useContext, useMemo, useState } from "preact/hooks";
import type { LearnRequest } from "../../core/lesson.ts";
import { writeHash } from "../parts/hash.ts";
import { usePage } from "../parts/page.tsx";
import { keepProgress, type Progress, readProgress, withDone } from "./progress.ts";
import type { Room } from "./room.ts";

export interface TerminalProps {
  host: string;
  label: string;
  endedText: string;
}

/** Where the page runs. */
export interface Place {
  room: Room;
  /** Absent in an exported page: there is nobody to ask. */
  ask?: (request: LearnRequest) => void;
  Terminal?: ComponentType<TerminalProps>;
}

export interface Classroom extends Place {
  progress: Progress;
  mark(kind: keyof Progress, name: string): void;
  /** The address of a lesson, an exercise, or, without a name, of the start. */
  hrefOf(kind?: "lesson" | "exercise", name?: string): string;
}

const ClassroomContext = createContext<Classroom | undefined>(undefined);

export function useClassroom(): Classroom {
  const classroom = useContext(ClassroomContext);
  if (!classroom) throw new Error("outside of the classroom");
  return classroom;
}

const store = () => localStorage;

export function ClassroomState({ place, children }: { place: Place; children: ComponentChildren }) {
  const { state } = usePage();
  const [progress, setProgress] = useState<Progress>(() => readProgress(store));
  const mark = useCallback(
    (kind: keyof Progress, name: string) =>
      setProgress((before) => {
        const after = withDone(before, kind, name);
        if (after !== before) keepProgress(store, after);
        return after;
      }),
    [],
  );
  const { lang = "" } = state;
  const exported = place.ask === undefined;
  const hrefOf = useCallback(
    (kind?: "lesson" | "exercise", name = "") => {
      if (exported) return `${kind === undefined ? "index" : encodeURIComponent(name)}.html${writeHash({ lang })}`;
      return writeHash({ lang, ...(kind === undefined ? {} : { [kind]: name }) }) || "#";
    },
    [exported, lang],
  );
  const classroom = useMemo(() => ({ ...place, progress, mark, hrefOf }), [place, progress, mark, hrefOf]);
  return <ClassroomContext.Provider value={classroom}>{children}</ClassroomContext.Provider>;
}
