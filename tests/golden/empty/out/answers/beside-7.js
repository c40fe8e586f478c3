LaionAnswers("beside-7",JSON.parse('{}'));
