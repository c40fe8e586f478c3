LaionAnswers("beside-6",JSON.parse('{}'));
