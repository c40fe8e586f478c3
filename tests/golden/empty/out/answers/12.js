LaionAnswers("12",JSON.parse('{"batman":[["character","Batman",0,null,null,0,0,"characters/batman.html"]]}'));
