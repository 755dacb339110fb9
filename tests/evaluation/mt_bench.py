"""People's votes on MT-Bench and two models' votes on the same, as the authors of the alternative annotator test released them.

Zheng et al., "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", NeurIPS 2023; the votes of people are under CC BY 4.0. They are
those of the three annotators, of 60 comparisons of two turns each, that Calderon, Reichart and Dror took for their test.
"""

ANNOTATORS = ("author_0", "author_4", "expert_24")
JUDGES = ("gemini_flash", "gemini_pro")

VOTES = """
82L  ba aa .. ba aa
82V  .. ab tt bb bb
84A  .. bb tb bb bb
85C  tt .. ta bb ab
85V  tt .. aa aa bb
86A  bb .. bb bb bb
87G  .. bt ta bb bb
91L  aa aa .. ab aa
91V  ta ba ba bb aa
92C  ab aa .. aa aa
92G  .. ba ba bb aa
92V  bb .. tb ba bb
93G  .. bt tb bb bb
95C  .. ab ab bb bb
96A  bt .. bb bb bb
97G  bb .. bb bb bb
99C  bt .. bt aa aa
100A .. at ab bb bb
100C .. bb bb bb bb
100V .. tt aa bb bb
103G .. bb bb bb bb
103V .. ta ta bb bb
104G .. ta ta bb aa
104V ta aa .. aa aa
105G .. tt bb aa tt
105V tt tt .. aa aa
106V tt .. tt bb tt
107C tt .. tt aa aa
109C .. tt tt aa bb
109V .. bt bt bb bb
110C .. ta tt aa aa
112C .. ta tt tt tt
114A tt bb .. bb bb
115A bb .. bb bb bb
115C bb .. bb aa aa
117G bb bb .. aa aa
117V aa .. aa aa aa
118A bt bt .. aa ab
118L .. aa at aa ba
123G .. tb tt bb tb
130L aa .. aa aa aa
131L aa .. aa aa aa
133L .. aa aa aa aa
133V ta aa .. aa aa
134A tb tb .. bb bb
135A .. bb bb bb bb
137A bb bb .. bb bb
138A bt bb .. bb bb
138G tt aa tb bb aa
138L .. aa aa aa aa
140L aa aa .. aa aa
141L aa .. aa aa aa
149L aa aa .. aa aa
150V bb ba ab bb bb
155V .. ba ta aa aa
156V bb .. tb bb aa
158A tb bb .. bb bb
159A bt .. bb bb bb
159V tb .. tt bb bb
160V ta tt .. bb bb
"""
"""A line is a comparison: the question with the first letter of gpt-3.5-turbo's opponent, then the votes of annotators and judges, each
for two turns: a or b for the better model, t for a tie, a point where there is none."""
