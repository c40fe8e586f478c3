LaionAnswers("beside-10",JSON.parse('{}'));
