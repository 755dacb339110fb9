"""From a corpus to labelled rows: documents, passages, questions, answers, recorded judgments, labels, the split."""
