import { expect } from "chai";
import { createRoom } from "#attester/room.ts";

describe("the room for batches in memory", () => {
  it("lets in what fits, and has the rest wait until somebody leaves, the first that fits first", async () => {
    const room = createRoom(10);
    const entered: string[] = [];
    const enter = async (name: string, size: number) => {
      const leave = await room.enter(size);
      entered.push(name);
      return leave;
    };
    const leaveLarge = await enter("large", 8);
    const [next, small] = [enter("next", 9), enter("small", 2)];
    await small;
    expect(entered).to.deep.equal(["large", "small"]);
    leaveLarge();
    // Said twice, it gives back no more than it took.
    leaveLarge();
    await Promise.resolve();
    expect(entered).to.deep.equal(["large", "small"]);
    (await small)();
    (await next)();
    expect(entered).to.deep.equal(["large", "small", "next"]);
  });

  it("has room for what is larger than itself, alone", async () => {
    const room = createRoom(10);
    const leave = await room.enter(1_000);
    let entered = false;
    const other = room.enter(1).then((leave) => {
      entered = true;
      return leave;
    });
    await Promise.resolve();
    expect(entered).to.equal(false);
    leave();
    await other;
    expect(entered).to.equal(true);
  });
});
