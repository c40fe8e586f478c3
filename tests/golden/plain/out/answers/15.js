LaionAnswers("15",JSON.parse('{"vermeer":[["artist","Johannes Vermeer",4,null,2,4,2,"artists/johannes-vermeer.html"]]}'));
