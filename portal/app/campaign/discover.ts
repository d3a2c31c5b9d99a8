/** What somebody looks for among the campaigns: in the page's address, so that it can be shared and gone back to. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, type DiscoverQuery } from "../api/api.ts";
import { from, GROWING } from "../components/listState.ts";

export const SORTS = ["recommended", "rate", "hold"] as const;
export type DiscoverSort = (typeof SORTS)[number];

export interface Sought {
  readonly search: string;
  readonly open: boolean;
  readonly paying: boolean;
  readonly sort: DiscoverSort;
}

const PAGE = 24;

export function useSought(): [Sought, (change: Partial<Sought>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const sort = parameters.get("sort") ?? "";
  const sought: Sought = {
    search: parameters.get("search") ?? "",
    open: parameters.get("open") === "true",
    paying: parameters.get("paying") === "true",
    sort: SORTS.find((one) => one === sort) ?? "recommended",
  };
  function change(part: Partial<Sought>) {
    const { search, open, paying, sort } = { ...sought, ...part };
    const kept = Object.entries({
      search,
      open: open ? "true" : "",
      paying: paying ? "true" : "",
      sort: sort === "recommended" ? "" : sort,
    }).filter(([, value]) => value !== "");
    // A letter typed is no step to go back to.
    setParameters(new URLSearchParams(kept), { replace: true, preventScrollReset: true });
  }
  return [sought, change];
}

export function useDiscovered({ search, open, paying, sort }: Sought) {
  return useInfiniteQuery({
    queryKey: ["discover", search.trim(), open, paying, sort],
    queryFn: ({ pageParam }) => {
      const query: DiscoverQuery = {
        sort,
        limit: PAGE,
        open: open ? "true" : "false",
        paying: paying ? "true" : "false",
        ...(search.trim() === "" ? {} : { search: search.trim() }),
        ...from(pageParam),
      };
      return api.discover(query);
    },
    ...GROWING,
    placeholderData: keepPreviousData,
  });
}
