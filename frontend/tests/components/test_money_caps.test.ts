/** Whether caps hold a price, and the words for it. */
import { dollars, priceOf, verdict } from "@/components/money/caps";
import { usd } from "@/components/money/usd";
import { STANDING } from "../fixtures/money";

const price = { totalUsd: 0.8, worstUsd: 1.6 };

describe("verdict", () => {
  it("refuses without a cap, and under one that does not hold it, with the least that would", () => {
    expect(verdict(price, STANDING, null).problem).toBe("Set a cap first: at least $1.20.");
    expect(verdict(price, STANDING, 1.19).problem).toBe("A cap of $1.19 does not hold this. It takes at least $1.20.");
    expect(verdict(price, STANDING, 1.2)).toMatchObject({ problem: "", upToUsd: 0.8, suggestedUsd: 2 });
  });

  it("never says less than the worst case, nor more than the caps let through", () => {
    expect(verdict(price, STANDING, 50).upToUsd).toBe(1.6);
    expect(verdict(price, { ...STANDING, today_usd: "19" }, 50).upToUsd).toBe(1);
  });

  it("counts what is on hold, and the day", () => {
    expect(verdict(price, { ...STANDING, reserved_usd: "0.1" }, 1.2).problem).toContain("at least $1.30");
    expect(verdict(price, { ...STANDING, today_usd: "19.5" }, 50).problem).toBe(
      "Today's limit of $20.00 leaves $0.50, and this costs $0.80. Go on tomorrow, or raise ADMINT_DAILY_CAP_USD on the server.",
    );
  });
});

describe("amounts", () => {
  it("are written in cents, small ones with the digits that matter", () => {
    expect([usd("4.2"), usd(0), usd("0.000613")]).toEqual(["$4.20", "$0.00", "$0.00061"]);
  });

  it.each([
    ["2.40", 2.4],
    ["$2,5", 2.5],
    ["", null],
    ["-1", null],
    ["lots", null],
    ["10001", null],
  ])("reads %s", (text, value) => expect(dollars(text)).toBe(value));

  it("takes no worst case below the expected one", () => {
    expect(priceOf({ total_usd: "2", worst_usd: "0" })).toEqual({ totalUsd: 2, worstUsd: 2 });
  });
});
