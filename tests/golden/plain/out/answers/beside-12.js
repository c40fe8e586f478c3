LaionAnswers("beside-12",JSON.parse('{}'));
