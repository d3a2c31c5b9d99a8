/** Tabs of a page. */
import { Tabs } from "@mantine/core";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { TableSkeleton } from "./states.tsx";

/** Tabs that are addresses: they can be linked to, and the back button works. */
export function PageTabs({
  tabs,
  value,
  go,
  children,
}: {
  tabs: readonly (readonly [string, string])[];
  value: string;
  go: (tab: string) => void;
  children: ReactNode;
}) {
  const list = useRef<HTMLDivElement>(null);
  // In a hand there are more tabs than there is room: the one that is chosen is to be seen.
  useEffect(() => {
    list.current?.querySelector(`[data-tab="${value}"]`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [value]);
  return (
    <Tabs value={value} onChange={(tab) => tab !== null && go(tab)} keepMounted={false}>
      <Tabs.List ref={list} mb="lg" style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}>
        {tabs.map(([tab, name]) => (
          <Tabs.Tab key={tab} value={tab} data-tab={tab}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(([tab]) => (
        <Tabs.Panel key={tab} value={tab}>
          {tab === value && <Suspense fallback={<TableSkeleton rows={8} />}>{children}</Suspense>}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
