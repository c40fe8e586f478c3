LaionAnswers("15",JSON.parse('{"hokusai":[["artist","葛飾北斎",0,null,null,0,0,"artists/x-d76f9fac.html"]]}'));
