/** How pages ask: as react-query does, except that what went wrong stays said until there is an answer. */
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";

/**
 * Without an answer each new look would make a page a skeleton again, and a failure flicker for as long as somebody is away. A look
 * that somebody asked for is no different: it is over when there is an answer.
 */
export const useAsked: typeof useQuery = ((options: Parameters<typeof useQuery>[0]) => {
  const query = useQuery(options);
  const failed = useRef<unknown>(null);
  if (query.error !== null) failed.current = query.error;
  else if (query.data !== undefined || options.enabled === false) failed.current = null;
  const { current } = failed;
  if (current === null || query.data !== undefined) return query;
  // What is read of the query alone redraws its page: so nothing of it is read here that is not asked for.
  return Object.create(query, { error: { value: current }, isPending: { value: false } });
}) as typeof useQuery;
