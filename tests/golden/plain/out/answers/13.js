LaionAnswers("13",JSON.parse('{"pink":[["celebrity","Pink",8,4,1,8,5,"celebrities/pink.html"]]}'));
