LaionAnswers("12",JSON.parse('{"batman":[["character","Batman",7,null,1,7,5,"characters/batman.html"]]}'));
