"""Run folders of HELM: letters, likelihoods of options, and answers with scores."""
