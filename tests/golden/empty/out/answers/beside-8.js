LaionAnswers("beside-8",JSON.parse('{}'));
