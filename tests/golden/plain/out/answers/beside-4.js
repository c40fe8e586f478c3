LaionAnswers("beside-4",JSON.parse('{}'));
