LaionAnswers("beside-15",JSON.parse('{}'));
