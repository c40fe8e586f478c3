LaionAnswers("beside-2",JSON.parse('{}'));
