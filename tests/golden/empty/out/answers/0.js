LaionAnswers("0",JSON.parse('{"fine art america":[["platform","Fine Art America",0,null,null,0,0,"platforms.html"]]}'));
