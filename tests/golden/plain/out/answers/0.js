LaionAnswers("0",JSON.parse('{"fine art america":[["platform","Fine Art America",8,null,1,8,4,"platforms.html"]]}'));
