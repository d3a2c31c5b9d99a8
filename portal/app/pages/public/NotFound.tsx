import { Button } from "@mantine/core";
import { Link } from "react-router";
import { Empty } from "../../components/states.tsx";
import { useTitle } from "../../hooks.ts";

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
