LaionAnswers("beside-13",JSON.parse('{}'));
