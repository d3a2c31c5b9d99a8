/** Texts over HTTP that are longer than what is held of them: their pieces one after the other. */

/**
 * A piece is read when the one before it is on its way: a slow reader holds none in memory. Where they break off the connection is cut, so
 * that nobody takes what came for the whole; what broke them is told here, and not to the reader.
 */
export function streamOf(
  given: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  brokeOff: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const pieces = (async function* () {
    yield* given;
  })();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await pieces.next();
          if (done === true) controller.close();
          else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
        } catch (error) {
          brokeOff(error);
          controller.error(new Error("It broke off on its way."));
        }
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
