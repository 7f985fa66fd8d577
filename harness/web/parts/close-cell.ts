/** Closing what is shown of a cell. */
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";
import type { ResultCell } from "../../core/result.ts";
import { usePage } from "./page.tsx";

/** The focus goes back to what opened it, or, where the address did, to the cell in the matrix. */
export function useCloseCell(cell: ResultCell | undefined): () => void {
  const { state, set } = usePage();
  const opener = useRef<Element | null>(null);
  // Before the drawer takes the focus.
  useLayoutEffect(() => {
    opener.current = cell ? document.activeElement : null;
  }, [cell]);
  return useCallback(() => {
    const back = opener.current;
    const inMatrix = document.querySelector<HTMLElement>(`[data-cell="${CSS.escape(state.cell ?? "")}"]`);
    set({ cell: "" }, true);
    if (back instanceof HTMLElement && back !== document.body && back.isConnected) back.focus();
    else inMatrix?.focus();
  }, [state.cell, set]);
}
