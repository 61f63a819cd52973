/** What is bought, clip by clip, at list price. Tests: tests/components/test_PaidApproval.test.tsx */
import type { Quote } from "@/api/types";
import { useStudio } from "@/store/studioStore";
import { sentences } from "@/components/pipeline/sentences";
import { priceOf } from "./caps";
import { usd } from "./usd";

type Item = Quote["items"][number];

export function QuoteTable({ quote }: { quote: Quote }) {
  const offers = useStudio((state) => state.view?.offers);
  const name = ({ provider, model }: Item) => {
    const offer = offers?.find((each) => each.name === provider);
    return offer?.models.find((each) => each.id === model)?.label ?? (model || offer?.label || provider);
  };
  const { totalUsd, worstUsd } = priceOf(quote);
  return (
    <div className="overflow-x-auto">
      <table className="tnum w-full text-left text-sm">
        <caption className="sr-only">What is bought, at list price</caption>
        <thead className="text-xs text-ink-2">
          <tr>
            <th scope="col" className="py-1 pr-3 font-normal">
              What
            </th>
            <th scope="col" className="py-1 pr-3 font-normal">
              Made by
            </th>
            <th scope="col" className="py-1 pr-3 text-right font-normal">
              Length
            </th>
            <th scope="col" className="py-1 text-right font-normal">
              Expected
            </th>
          </tr>
        </thead>
        <tbody>
          {quote.items.map((item, index) => (
            <tr key={`${item.clip_id}-${index}`} className="border-t border-line align-top">
              <td className="py-1.5 pr-3">
                {item.clip_id ? `Clip ${item.clip_id}` : "Reference image"}
                {item.notes.length > 0 && <span className="block text-xs text-ink-2">{sentences(item.notes)}</span>}
              </td>
              <td className="py-1.5 pr-3 text-ink-2">{name(item)}</td>
              <td className="py-1.5 pr-3 text-right text-ink-2">
                {item.seconds ? `${Math.round(item.seconds * 10) / 10} s` : ""}
              </td>
              <td className="py-1.5 text-right">{Number(item.usd) ? usd(item.usd) : "free"}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="border-t border-line-strong font-medium">
            <th scope="row" colSpan={3} className="py-1.5 pr-3 text-left font-medium">
              Expected in all
            </th>
            <td className="py-1.5 text-right">{usd(totalUsd)}</td>
          </tr>
          <tr>
            <th scope="row" colSpan={3} className="pr-3 text-left font-normal text-ink-2">
              At worst{worstUsd > totalUsd ? ", if takes are refused and charged all the same" : ""}
            </th>
            <td className="text-right text-ink-2">{usd(worstUsd)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
