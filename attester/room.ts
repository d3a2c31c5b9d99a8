/** How much an attester holds in memory at once: what comes while there is no room waits at the door. */

export interface Room {
  /** Waits until there is room for `size`, and takes it. @returns what gives it back; more than once does no harm */
  enter(size: number): Promise<() => void>;
}

/** Something small that fits goes ahead of something large that does not yet. */
export function createRoom(most: number): Room {
  let free = most;
  const waiting: { readonly size: number; readonly enter: () => void }[] = [];

  function leave(size: number): void {
    free += size;
    for (let i = 0; i < waiting.length; ) {
      const next = waiting[i] as (typeof waiting)[number];
      if (next.size > free) {
        i++;
        continue;
      }
      waiting.splice(i, 1);
      free -= next.size;
      next.enter();
    }
  }

  return {
    async enter(asked) {
      const size = Math.min(asked, most);
      if (size <= free) free -= size;
      else await new Promise<void>((enter) => waiting.push({ size, enter }));
      let left = false;
      return () => {
        if (!left) leave(size);
        left = true;
      };
    },
  };
}
