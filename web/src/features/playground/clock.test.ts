import { describe, expect, it } from "vitest";
import { clockAt, fromWall, presetWall, toWall } from "@/features/playground/clock";

const SP = "America/Sao_Paulo";

describe("clock of a rehearsal", () => {
  it("walks on from where it was set", () => {
    expect(clockAt({ at: 1_000, since: 500 }, 800)).toBe(1_300);
    expect(clockAt(null, 800)).toBe(800);
  });

  it("reads the clinic's wall, whatever the browser's zone", () => {
    expect(new Date(fromWall("2026-11-22T21:40", SP)).toISOString()).toBe("2026-11-23T00:40:00.000Z");
    expect(toWall("2026-11-23T00:40:00Z", SP)).toBe("2026-11-22T21:40");
    // Summer time ended in New York at 2 o'clock of that night.
    expect(new Date(fromWall("2026-11-01T03:00", "America/New_York")).toISOString()).toBe(
      "2026-11-01T08:00:00.000Z",
    );
    expect(fromWall("", SP)).toBeNaN();
  });

  it("offers the next Sunday night, holiday and early morning", () => {
    const saturday = "2026-11-21T15:00:00Z";
    expect(presetWall("sunday", saturday, SP)).toBe("2026-11-22T21:40");
    expect(presetWall("sunday", "2026-11-23T01:00:00Z", SP)).toBe("2026-11-29T21:40");
    expect(presetWall("holiday", saturday, SP)).toBe("2026-12-25T10:00");
    expect(presetWall("early", "2026-12-31T15:00:00Z", SP)).toBe("2027-01-01T07:10");
  });
});
