import { useEffect, useRef, useState } from "preact/hooks";

export function useReducedMotion(): boolean {
  const [query] = useState(() => matchMedia("(prefers-reduced-motion: reduce)"));
  const [still, setStill] = useState(query.matches);
  useEffect(() => {
    const read = () => setStill(query.matches);
    query.addEventListener("change", read);
    return () => query.removeEventListener("change", read);
  }, [query]);
  return still;
}

/** Calls once when the time of `key` is over; the time stands while it does not run. */
export function useCountdown(key: string, ms: number, running: boolean, done: () => void): void {
  const left = useRef({ key, ms });
  const latest = useRef(done);
  latest.current = done;
  useEffect(() => {
    if (left.current.key !== key) left.current = { key, ms };
    if (!running) return;
    const began = performance.now();
    const timer = setTimeout(() => latest.current(), left.current.ms);
    return () => {
      clearTimeout(timer);
      left.current.ms = Math.max(0, left.current.ms - (performance.now() - began));
    };
  }, [key, running]);
}
