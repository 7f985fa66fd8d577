/** The settings of sshd that apply to a login, each with the line that sets it. */
import type { ResultForward } from "../../core/result.ts";
import { placeText } from "../../report/words.ts";
import { Code, Columns, Scroll } from "./bits.tsx";
import { useWords } from "./page.tsx";

export function Settings({ settings }: Pick<ResultForward, "settings">) {
  const words = useWords();
  return (
    <Scroll label={words.settings}>
      <table class="plain">
        <thead>
          <tr>
            <Columns names={words.settingColumns} />
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.keyword}>
              <th scope="row">
                <Code>{setting.keyword}</Code>
              </th>
              <td>
                <Code>{setting.value}</Code>
              </td>
              <td>{placeText(setting) === "" ? words.byDefault : <Code>{placeText(setting)}</Code>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
