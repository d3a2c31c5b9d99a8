import { expect } from "chai";
import { DeepReorganisation } from "#relayer/worker/index.ts";
import { type Job, startWorker, type Worker } from "#relayer/worker/rounds.ts";

/** No round comes by itself within a test: what goes on after one went on because of it. */
const LONG = 3_600_000;

/** A worker with what its jobs did and what was noted; it is stopped in the round whose number is `rounds`. */
function open({
  rounds = 1,
  pause = 0,
  lead = async () => true,
  jobs,
}: {
  rounds?: number;
  pause?: number;
  lead?: () => Promise<boolean>;
  jobs: (Omit<Job, "run"> & { run?: () => Promise<unknown> })[];
}) {
  const did: string[] = [];
  const noted: [string, string][] = [];
  let round = 0;
  const last: Job = {
    name: "last",
    everywhere: true,
    run: async () => {
      if (++round === rounds) void worker.stop();
    },
  };
  const worker: Worker = startWorker(
    [
      ...jobs.map((job) => ({
        ...job,
        run: async () => {
          did.push(job.name);
          await job.run?.();
        },
      })),
      last,
    ],
    lead,
    pause,
    { note: (job: string, error: unknown) => void noted.push([job, (error as Error).message]) },
  );
  return { did, noted, worker };
}

describe("the worker's rounds", () => {
  it("run each job in its order, again and again, until it is stopped", async () => {
    const { did, noted, worker } = open({ rounds: 3, jobs: [{ name: "index" }, { name: "sign" }] });
    await worker.done;
    expect(did).to.deep.equal(["index", "sign", "index", "sign", "index", "sign"]);
    expect(noted).to.deep.equal([]);
  });

  it("leave all but what every process does to the one that leads, and ask anew in each round", async () => {
    const leads = [false, true, false];
    const { did, worker } = open({
      rounds: 3,
      lead: async () => leads.shift() ?? false,
      jobs: [{ name: "all", everywhere: true }, { name: "one" }],
    });
    await worker.done;
    expect(did).to.deep.equal(["all", "all", "one", "all"]);
  });

  it("go on where it cannot be told who leads: nobody does, and that is noted", async () => {
    const answers = [() => Promise.reject(new Error("no database")), () => Promise.resolve(true)];
    const { did, noted, worker } = open({
      rounds: 2,
      lead: () => (answers.shift() as () => Promise<boolean>)(),
      jobs: [{ name: "all", everywhere: true }, { name: "one" }],
    });
    await worker.done;
    expect(did).to.deep.equal(["all", "all", "one"]);
    expect(noted).to.deep.equal([["lead", "no database"]]);
  });

  it("note a job that fails by its name, run the others, and try it again", async () => {
    const { did, noted, worker } = open({
      rounds: 2,
      jobs: [{ name: "bad", run: () => Promise.reject(new Error("away")) }, { name: "good" }],
    });
    await worker.done;
    expect(did).to.deep.equal(["bad", "good", "bad", "good"]);
    expect(noted).to.deep.equal([
      ["bad", "away"],
      ["bad", "away"],
    ]);
  });

  it("end with the error when the chain was rewritten deeper than can be mended", async () => {
    const deep = new DeepReorganisation("a block that was final is another");
    const { did, noted, worker } = open({
      rounds: 2,
      jobs: [{ name: "index", run: () => Promise.reject(deep) }, { name: "sign" }],
    });
    const error = await worker.done.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.equal(deep);
    expect(did).to.deep.equal(["index"]);
    expect(noted).to.deep.equal([]);
  });

  it("end after the job that is under way: the next one does not begin, and stopping waits for it", async () => {
    let finish = () => {};
    let began = () => {};
    const underWay = new Promise<void>((resolve) => {
      began = resolve;
    });
    const { did, worker } = open({
      jobs: [
        {
          name: "slow",
          run: () => {
            began();
            return new Promise<void>((resolve) => {
              finish = resolve;
            });
          },
        },
        { name: "next" },
      ],
    });
    await underWay;
    let stopped = false;
    const end = worker.stop().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).to.equal(false);
    finish();
    await end;
    expect(did).to.deep.equal(["slow"]);
  });

  it("do not wait for the pause's end when they are stopped in it", async () => {
    const { did, worker } = open({ rounds: 2, pause: LONG, jobs: [{ name: "job" }] });
    while (did.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    await worker.stop();
    expect(did).to.deep.equal(["job"]);
  });
});
