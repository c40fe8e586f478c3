LaionAnswers("beside-9",JSON.parse('{}'));
