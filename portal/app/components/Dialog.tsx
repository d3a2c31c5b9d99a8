/** The frame of every dialog. */
import { Modal, type ModalRootProps } from "@mantine/core";
import type { ReactNode } from "react";

/** A dialog with its title. Its header is no landmark of the page: the page has one already. */
export function Dialog({
  title,
  children,
  ...props
}: Omit<ModalRootProps, "title"> & { title: string; children: ReactNode }) {
  return (
    <Modal.Root radius="lg" padding="lg" {...props}>
      <Modal.Overlay />
      <Modal.Content p={0}>
        <Modal.Header role="none" bg="var(--mantine-color-default)">
          <Modal.Title fw={600} fz="lg">
            {title}
          </Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
