LaionAnswers("beside-5",JSON.parse('{}'));
