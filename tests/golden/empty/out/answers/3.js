LaionAnswers("3",JSON.parse('{"van gogh":[["artist","Vincent van Gogh",0,null,null,0,0,"artists/vincent-van-gogh.html"]]}'));
