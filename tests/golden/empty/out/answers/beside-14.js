LaionAnswers("beside-14",JSON.parse('{}'));
