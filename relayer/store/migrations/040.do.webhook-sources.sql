-- Webhooks of any sender are a source too, by the paths that a description names.
ALTER TABLE sources DROP CONSTRAINT sources_source_check;
ALTER TABLE sources ADD CONSTRAINT sources_source_check CHECK (source IN ('stripe', 'shopify', 'woocommerce', 'webhook'));
