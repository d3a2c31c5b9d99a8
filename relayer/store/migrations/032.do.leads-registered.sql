-- Leads that wait for the brand's answer, by their campaign: it is told of them once a day.
CREATE INDEX leads_registered ON leads (campaign_id, answer_by) WHERE state = 'registered';
