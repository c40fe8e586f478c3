LaionAnswers("3",JSON.parse('{"葛飾北斎":[["artist","葛飾北斎",0,null,null,0,0,"artists/x-d76f9fac.html"]]}'));
