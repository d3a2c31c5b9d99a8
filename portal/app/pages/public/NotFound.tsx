/** The page for an address that leads nowhere. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { useTitle } from "../../components/hooks.ts";
import { Empty } from "../../components/states.tsx";

export default function NotFound() {
  useTitle("Not found");
  return (
    <Empty
      title="There is nothing here"
      action={
        <Button component={Link} to="/">
          All campaigns
        </Button>
      }
    >
      The address may have been cut off when it was copied.
    </Empty>
  );
}
