LaionAnswers("15",JSON.parse('{"vermeer":[["artist","Johannes Vermeer",0,null,null,0,0,"artists/johannes-vermeer.html"]]}'));
