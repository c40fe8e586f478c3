LaionAnswers("beside-3",JSON.parse('{}'));
