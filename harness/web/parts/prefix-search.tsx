/** "Can this address get in?", and the list of prefixes that answers. */
import type { ComponentChildren } from "preact";
import { Code, Fold, Scroll, SearchField } from "./bits.tsx";
import { usePage, useWords } from "./page.tsx";
import { type Membership, membership } from "./prefixes.ts";

export function AddressQuestion({ children }: { children?: ComponentChildren }) {
  const words = useWords();
  return (
    <div class="address-question">
      <SearchField name="ip" label={words.addressQuestion} hint={words.addressHint} />
      <div role="status" class="answer">
        {children}
      </div>
    </div>
  );
}

/** Undefined: nothing was asked. */
export function useMembership(): (prefixes: readonly string[]) => Membership | undefined {
  const { state } = usePage();
  const asked = (state.ip ?? "").trim();
  return (prefixes) => (asked === "" ? undefined : membership(asked, prefixes));
}

const most = 6;

/** The prefix that the asked address is in stands out, also where the list is folded. */
export function Prefixes({ prefixes }: { prefixes: readonly string[] }) {
  const words = useWords();
  const isIn = useMembership();
  const holding = prefixes.filter((each) => isIn([each]) === "in");
  if (prefixes.length <= most) return <PrefixList prefixes={prefixes} holding={holding} />;
  const title = words.allPrefixes(prefixes.length);
  return (
    <>
      {holding.length > 0 && <PrefixList prefixes={holding} holding={holding} />}
      <Fold title={title}>
        <Scroll label={title}>
          <PrefixList prefixes={prefixes} holding={holding} />
        </Scroll>
      </Fold>
    </>
  );
}

function PrefixList({ prefixes, holding }: { prefixes: readonly string[]; holding: readonly string[] }) {
  return (
    <ul class="prefixes">
      {prefixes.map((each) => (
        <li key={each} class={holding.includes(each) ? "hit" : ""}>
          <Code>{each}</Code>
        </li>
      ))}
    </ul>
  );
}
