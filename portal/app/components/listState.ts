/**
 * What a list shows, in the page's address: a reload, the way back and whoever is sent the address find the same. What a reader narrows
 * down takes the place of what was there; a page is a step that the way back goes over.
 */
import { keepPreviousData } from "@tanstack/react-query";
import { useLocation, useNavigate, useSearchParams } from "react-router";

/** What an address may say of a list, and what holds where it says nothing. */
export type Defaults = Readonly<Record<string, string>>;

export interface ListState<Given extends Defaults> {
  readonly given: { readonly [Name in keyof Given]: string };
  /** The place after which the page begins; undefined: it is the first. */
  readonly cursor: string | undefined;
  /** Begins again at the first page. */
  readonly change: (part: Partial<Record<keyof Given, string>>) => void;
  readonly next: (cursor: string) => void;
  readonly first: () => void;
  /** Where a page was gone on from here: the way back to the one before. */
  readonly previous: (() => void) | undefined;
}

const CURSOR = "after";

/** How a page is asked for: the one before stands until the next is there, and what is the same in both is not drawn again. */
export const PAGED = { placeholderData: keepPreviousData, structuralSharing: true } as const;

/** How a list is asked for that grows at its end, page by page. */
export const GROWING = { initialPageParam: "", getNextPageParam: ({ next }: { next: string | null }) => next };

/** The part of a question that says where such a page begins. */
export const from = (pageParam: string) => (pageParam === "" ? {} : { cursor: pageParam });

/** `prefix`: before the names, where a page has several lists. */
export function useListState<const Given extends Defaults>(defaults: Given, prefix = ""): ListState<Given> {
  const [parameters, setParameters] = useSearchParams();
  const { state } = useLocation();
  const navigate = useNavigate();
  const at = `${prefix}${CURSOR}`;
  const steps = Number((state as Record<string, unknown> | null)?.[at] ?? 0);
  const names = Object.keys(defaults) as (keyof Given & string)[];
  const wordOf = (name: keyof Given & string) => parameters.get(prefix + name) ?? defaults[name] ?? "";
  const given = Object.fromEntries(names.map((name) => [name, wordOf(name)])) as ListState<Given>["given"];

  function go(cursor: string | undefined, options: Parameters<typeof setParameters>[1]): void {
    setParameters(
      (before) => {
        const kept = new URLSearchParams(before);
        if (cursor === undefined) kept.delete(at);
        else kept.set(at, cursor);
        return kept;
      },
      { preventScrollReset: true, ...options },
    );
  }

  return {
    given,
    cursor: parameters.get(at) ?? undefined,
    change(part) {
      setParameters(
        (before) => {
          const kept = new URLSearchParams(before);
          kept.delete(at);
          for (const [name, value] of Object.entries(part as Record<string, string>))
            if (value === defaults[name]) kept.delete(prefix + name);
            else kept.set(prefix + name, value);
          return kept;
        },
        { replace: true, preventScrollReset: true },
      );
    },
    next: (cursor) => go(cursor, { state: { [at]: steps + 1 } }),
    first: () => go(undefined, {}),
    previous: steps > 0 ? () => navigate(-1) : undefined,
  };
}
