/** The variants' scores, and how far each is from the first. Tests: tests/routes/test_Compare.test.tsx */
import type { GroupView } from "@/api/types";
import { grade } from "@/components/quality/QualityScore";
import { useScored } from "@/store/studioStore";

export function ScoreTable({ group: { variants } }: { group: GroupView }) {
  const scored = useScored();
  const [first] = variants;
  const measured = variants.some((member) => member.overall_quality_score !== null);
  return (
    <section className="mt-6 max-w-2xl overflow-x-auto">
      <table className="w-full text-left text-sm">
        <caption className="pb-2 text-left text-base font-semibold">Scores</caption>
        <thead className="text-ink-2">
          <tr>
            <th scope="col" className="py-1.5 pr-4 font-normal">
              Variant
            </th>
            <th scope="col" className="py-1.5 pr-4 font-normal">
              Story, of 10
            </th>
            <th scope="col" className="py-1.5 font-normal">
              Video, of 100
            </th>
          </tr>
        </thead>
        <tbody className="tnum">
          {variants.map(({ id, label, story_quality_score: story, overall_quality_score: video }) => (
            <tr key={id} className="border-t border-line">
              <th scope="row" className="py-2 pr-4 font-medium">
                {label}
              </th>
              <td className="pr-4">
                {story === null ? "Not yet" : story.toFixed(1)}
                <Difference value={story} from={first?.story_quality_score} />
              </td>
              <td>
                {video === null ? <span className="text-ink-2">Not scored</span> : <Graded value={video} />}
                <Difference value={video} from={first?.overall_quality_score} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!scored && !measured && <p className="mt-2 text-sm text-ink-2">No scorer is installed on this server.</p>}
    </section>
  );
}

function Graded({ value }: { value: number }) {
  const { word, text } = grade(value);
  return (
    <>
      <span className={text}>{value.toFixed(1)}</span> {word}
    </>
  );
}

function Difference({ value, from }: { value: number | null; from: number | null | undefined }) {
  if (value === null || from === null || from === undefined) return null;
  const by = value - from;
  if (Math.abs(by) < 0.05) return null;
  return (
    <span className="text-ink-2">
      {" "}
      ({by > 0 ? "+" : "−"}
      {Math.abs(by).toFixed(1)})
    </span>
  );
}
