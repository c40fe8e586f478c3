LaionAnswers("1",JSON.parse('{"gurgi":[["character","Gurgi",0,null,null,0,0,"characters/gurgi.html"]],"pinterest":[["platform","Pinterest",0,null,null,0,0,"platforms.html"]]}'));
