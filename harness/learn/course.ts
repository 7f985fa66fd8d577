/** The course: which lessons come first, and in what order. Their text is that of the scenarios. */
import type { Catalogue, Chapter, Lesson, Topic } from "../core/lesson.ts";
import { topics } from "./topics.ts";

export const course: readonly Chapter[] = [
  {
    title: { en: "Remote Desktop at home, from another LAN", ja: "別の LAN から自宅のリモートデスクトップへ" },
    lessons: ["local-whose-localhost", "cgnat", "leading-colon", "gatewayports-no", "firewall-right", "remote-desktop"],
  },
  {
    title: { en: "-L: a port here leads to a service there", ja: "-L: 手元のポートが向こうのサービスに通じる" },
    lessons: ["local-forward", "local-to-the-server", "local-bind-forms"],
  },
  {
    title: { en: "-R: a port there leads to a service here", ja: "-R: 向こうのポートが手元のサービスに通じる" },
    lessons: ["no-colon", "fN", "visitors-look-like-home"],
  },
  {
    title: { en: "GatewayPorts: who chooses the address", ja: "GatewayPorts: アドレスを決めるのは誰か" },
    lessons: ["gatewayports-clientspecified", "gatewayports-yes"],
  },
  {
    title: { en: "-D: one port for every target", ja: "-D: 1 つのポートからどこへでも" },
    lessons: ["dynamic-forward", "dynamic-names"],
  },
  {
    title: { en: "Firewalls, IPv6 and NAT", ja: "ファイアウォールと IPv6 と NAT" },
    lessons: ["firewall-missing", "firewall-wrong", "firewall-wrong-for-ipv6", "port-forward-on-the-router"],
  },
  {
    title: { en: "How long a forward lives", ja: "転送の寿命" },
    lessons: ["gone-with-the-link", "silent-client", "nat-forgets-the-silent"],
  },
  {
    title: { en: "What an account and a key may do", ja: "アカウントと鍵に許されること" },
    lessons: ["allow-tcp-forwarding", "match-decides-for-whom", "key-restrict-order"],
  },
  {
    title: { en: "What many people believe", ja: "よくある誤解" },
    lessons: ["clientspecified-is-no-guest-list", "g-does-not-open-remote", "nologin-still-forwards"],
  },
];

/** What the course leaves, by topic. */
export function libraryOf(lessons: readonly Lesson[]): Chapter[] {
  const inCourse = new Set(course.flatMap((chapter) => chapter.lessons));
  return (Object.keys(topics) as Topic[])
    .map((topic) => ({
      title: topics[topic],
      lessons: lessons.filter((lesson) => lesson.topic === topic && !inCourse.has(lesson.name)).map(({ name }) => name),
    }))
    .filter((chapter) => chapter.lessons.length > 0);
}

export function catalogueOf(lessons: readonly Lesson[], exercises: Catalogue["exercises"]): Catalogue {
  return { lessons, course, library: libraryOf(lessons), exercises };
}
