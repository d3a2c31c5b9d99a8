-- Shops are sources too.
ALTER TABLE sources DROP CONSTRAINT sources_source_check;
ALTER TABLE sources ADD CONSTRAINT sources_source_check CHECK (source IN ('stripe', 'shopify', 'woocommerce'));
