LaionAnswers("3",JSON.parse('{"van gogh":[["artist","Vincent van Gogh",8,null,1,8,5,"artists/vincent-van-gogh.html"]]}'));
